import type { SpanDescription, Tracer } from './tracer';

/** The methods whose calls are spans, and how each call is described; undefined: this one is none. */
export type TracedMethods<T> = {
  readonly [Name in keyof T]?: T[Name] extends (...args: infer Args) => unknown
    ? (...args: Args) => SpanDescription | undefined
    : never;
};

type Method = (...args: unknown[]) => unknown;

/** The same object, whose methods of these names run in spans. Without traces it is the object itself. */
export function traced<T extends object>(tracer: Tracer, target: T, methods: TracedMethods<T>): T {
  if (!tracer.isOn) return target;
  const wrapped = new Map<string | symbol, Method>();
  for (const [name, describe] of Object.entries(methods) as [string, (...args: unknown[]) => SpanDescription][]) {
    const method = (target as Record<string, Method>)[name]?.bind(target);
    if (method) wrapped.set(name, runIn(tracer, describe, method));
  }
  return new Proxy(target, {
    get: (object, name) => wrapped.get(name) ?? Reflect.get(object, name, object),
  });
}

function runIn(tracer: Tracer, describe: (...args: unknown[]) => SpanDescription | undefined, method: Method): Method {
  return (...args) => {
    const span = describe(...args);
    return span ? tracer.run(span, () => method(...args)) : method(...args);
  };
}
