"""Random programs that graphflow and TensorFlow must agree on: made from a seed, run in both, shrunk where they differ.

program.py     a program as lines of Python, and how it is printed
generate.py    a program from a seed
families.py    the lines that the generator chooses from, by family
state.py       variables, writes in a fixed order, gradients
running.py     runs a program's text in either module
server.py      one TensorFlow process that answers for many programs
shrink.py      a smaller program that still differs

    python -m tests.random_graphs SEED            prints the program of a seed
    python -m tests.random_graphs SEED --run      runs it in graphflow
"""
