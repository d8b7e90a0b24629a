"""One HTML file for anyone: names replaced, small groups hidden, lists left out, with an expiry.

Flow: `identities` gathers the names that must not leave, `names` replaces them, `lists` leaves out
rows about single accounts and people, `cells` hides small groups, `sentences` those that tell of
them, `building` puts the page together and searches it, `locking` adds expiry and password.
"""
