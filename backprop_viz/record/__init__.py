"""The record of a computation, as plain data."""
