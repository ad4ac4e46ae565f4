"""What the writing makes of a fixed set of material: `make eval`. Figures and samples; nothing here is asserted."""
