"""The functions a reader calls: constructors of tensors, and each op by its name."""
