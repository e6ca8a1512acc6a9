"""Prompts as package data: versioned templates, and seed demonstrations."""
