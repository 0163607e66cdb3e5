/** A list or map, or nothing where it is empty: the API server keeps no empty ones, so that a refresh would show them as changes. */
export const filled = <Value extends object>(value: Value): Value | undefined => (Object.keys(value).length > 0 ? value : undefined);
