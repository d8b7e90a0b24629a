"""A report in other forms: Excel, CSV, PDF, pictures, and a mail of two or three figures.

Flow: `material` gathers what a report says as plain values, `book`, `archive`, `pictures`, `paper`
and `mail` each write one form of it, `ask` finds the report and picks the form.
"""
