"""Stage 5: fine-tuning and distillation."""
