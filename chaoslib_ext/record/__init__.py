"""This room writes down what happened, as it happens, so that it survives; it never touches a system under test."""
