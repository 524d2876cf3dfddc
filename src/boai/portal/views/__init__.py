"""The pages of the open door: no sign-in, no personal facts in addresses, nothing kept by browsers or proxies."""
