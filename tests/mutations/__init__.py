"""A fleet of edits of one applied stack, each labelled by how it was made and by an oracle, and what the guards say of it."""
