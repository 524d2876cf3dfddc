"""Officer actions that join governance and relief: POST, then back to the page they came from."""
