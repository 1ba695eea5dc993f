"""Which disk is which: recorded after an apply, compared before the next one, and once more right before a VM is changed."""
