"""Collaboration: what people say to each other about answers, and who is told and shown what."""
