/// Placeholder of the room; its first step replaces it.
