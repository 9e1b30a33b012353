"""Text to spans to clean text. No word here says which find is allowed where: that is the policy's."""
