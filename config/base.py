"""The base of every model: frozen, and deaf to keys it does not know."""

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A frozen value of the platform's description; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, use_attribute_docstrings=True)
