"""The built-in list of anomalies, with the deals behind each."""
