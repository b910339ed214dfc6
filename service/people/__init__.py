"""Readers and operators: who somebody is, and what is kept of that."""
