"""Plans on the command line.

- file: a plan from a file, or every reason why there is none
- check, report, page: what a plan will do
- facts: the lines about a plan that a check and a dry run share
- names: what the plans of trades are called, by the book
"""
