"""Who may do what: people with passwords and roles, sessions, rights by route, rate limits."""
