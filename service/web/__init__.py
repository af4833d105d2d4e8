"""What all views share: declarations, parameters, responses, cache policies, rendering and errors."""
