"""Between the application and the network: answers in the coding each client takes, known by tags."""
