"""A foreign project as its files tell it: which file is what, and what stands in it. Pure; runs nothing."""
