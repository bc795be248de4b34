"""WHAT IS SHOWN. The only HTTP: pages for people, JSON for programs."""
