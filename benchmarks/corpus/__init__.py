"""An open corpus of wrapped canaries with ground truth. Independent: nothing here imports `hometruth`."""
