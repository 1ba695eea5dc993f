"""Tests of the incident's replay."""
