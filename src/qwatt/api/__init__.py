"""What `import qwatt` offers: the verbs as functions, and what they return."""
