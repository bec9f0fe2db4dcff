// A client that uses the types which openapi-typescript makes of openapi.yaml. It is type-checked and never run:
// a type that is lost on the way (any, unknown, never) fails here.
import type { components, operations } from "./generated/api";

type Profile = components["schemas"]["ClinicianProfile"];
type Page = components["schemas"]["ClinicianProfileListEnvelope"];
type Failure = components["schemas"]["ErrorEnvelope"];
type Query = NonNullable<operations["listClinicianProfiles"]["parameters"]["query"]>;
type Responses = operations["listClinicianProfiles"]["responses"];
type Body<Status extends keyof Responses> = Responses[Status]["content"]["application/json"];

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>): void => {};

same<keyof Query, "limit" | "offset" | "is_active" | "is_bookable_online" | "location_id" | "search">(true);
same<keyof Responses, 200 | 400 | 401 | 403 | 405 | 422 | 429 | 500 | 502 | 503 | 504>(true);
same<keyof operations["getClinicianProfile"]["responses"], keyof Responses | 404>(true);
same<Body<200>, Page>(true);
same<Body<400 | 401 | 403 | 405 | 422 | 429 | 500 | 502 | 503 | 504>, Failure>(true);
same<Profile["email"], string | null>(true);
same<Profile["is_active"], boolean>(true);
same<Page["meta"]["next_offset"], number | null>(true);

declare function list(query: Query): Promise<Page | Failure>;
declare function retrieve(
  path: operations["getClinicianProfile"]["parameters"]["path"],
): Promise<components["schemas"]["ClinicianProfileEnvelope"] | Failure>;

export async function active(): Promise<Profile[]> {
  const found: Profile[] = [];
  let offset: number | null = 0;
  while (offset !== null) {
    const body: Page | Failure = await list({ is_active: true, limit: 100, offset });
    if ("error" in body) throw new Error(`${body.error.code}: ${body.error.message} (${body.meta.request_id})`);
    found.push(...body.data);
    offset = body.meta.has_more ? body.meta.next_offset : null;
  }
  return found;
}

export async function name(id: string): Promise<string | null> {
  const body = await retrieve({ id });
  return "error" in body ? null : (body.data.display_name ?? body.data.name);
}

export const failure: Failure = {
  data: null,
  meta: { request_id: "req_abc130" },
  error: { code: "NOT_FOUND", message: "Clinician profile not found." },
};

// @ts-expect-error: data of an error is null
export const wrong: Failure = { ...failure, data: { id: "1" } };
