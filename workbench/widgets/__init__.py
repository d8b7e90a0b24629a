"""What an analyst sets by hand in JupyterLab; its state is the same mapping as in YAML."""
