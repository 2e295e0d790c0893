/** Computes once for each name: every step of every history asks for the same few. */
export function remembered<Value>(compute: (name: string) => Value): (name: string) => Value {
  const values = new Map<string, Value>();
  return (name) => {
    const known = values.get(name);
    if (known !== undefined) return known;
    const value = compute(name);
    values.set(name, value);
    return value;
  };
}
