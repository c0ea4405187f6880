/** A route of the API. A segment of `path` in braces, as in `/export/{exportId}`, is a parameter. */
export interface Route {
  readonly method: string;
  readonly path: string;
  readonly functionName: string;
  /** A token must have at least one of these; without any, a valid token is enough. */
  readonly scopes?: readonly string[];
}

export interface RouteMatch {
  readonly route: Route;
  readonly pathParameters: Record<string, string>;
}

interface ParsedRoute {
  readonly route: Route;
  readonly segments: readonly string[];
}

const parameterName = (segment: string): string | undefined => /^\{(\w+)\}$/.exec(segment)?.[1];

const parseRoute = (route: Route): ParsedRoute => {
  const segments = route.path.split('/');
  const unsupported = segments.find((segment) => /[{}]/.test(segment) && !parameterName(segment));
  if (unsupported !== undefined || !route.path.startsWith('/')) {
    throw new Error(`The local API Gateway does not support the route ${route.method} ${route.path}.`);
  }
  return { route, segments };
};

const fits = ({ segments }: ParsedRoute, asked: readonly string[]): boolean =>
  segments.length === asked.length &&
  segments.every((segment, index) =>
    parameterName(segment) ? asked[index] !== '' : segment === asked[index],
  );

/** Sorts literal segments before parameters, so that the first route that fits is the most exact one. */
const byExactness = (left: ParsedRoute, right: ParsedRoute): number => {
  const rank = ({ segments }: ParsedRoute) =>
    segments.map((segment) => (parameterName(segment) ? '1' : '0')).join('');
  return rank(left).localeCompare(rank(right));
};

const parametersOf = ({ segments }: ParsedRoute, asked: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    segments.flatMap((segment, index) => {
      const name = parameterName(segment);
      return name ? [[name, asked[index] ?? '']] : [];
    }),
  );

/** Finds the most exact route for a method and a path as it came, percent-encoded. Throws URIError when the path is malformed. */
export const createRouteTable = (routes: readonly Route[]) => {
  const parsed = routes.map(parseRoute).sort(byExactness);
  return (method: string, rawPath: string): RouteMatch | undefined => {
    const asked = rawPath.split('/').map((segment) => decodeURIComponent(segment));
    const found = parsed.find((candidate) => candidate.route.method === method && fits(candidate, asked));
    return found && { route: found.route, pathParameters: parametersOf(found, asked) };
  };
};
