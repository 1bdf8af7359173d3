"""Who made a result, where and when: kept beside the results, never inside."""
