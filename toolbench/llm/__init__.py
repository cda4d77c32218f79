"""Language models: endpoint client, journal of answers, scripted server."""
