"""A second stack, as its users would build it: Fastify, PostgreSQL with row-level security, nginx."""
