import { faulty } from './settings.js'

export class ApiError extends Error {
  constructor(status, code, message, headers = {}) {
    super(message)
    Object.assign(this, { statusCode: status, code, headers, expected: true })
  }
}

export const notFound = () => new ApiError(404, 'NOT_FOUND', 'There is no such clinician profile.')

const body = (request, code, message) => ({
  data: null,
  meta: { request_id: request.id },
  error: { code, message },
})

export function onError(error, request, reply) {
  if (faulty('stack-in-error')) {
    return reply
      .code(error.statusCode ?? 500)
      .send(body(request, 'ERROR', `${error.message}\n${error.stack}`))
  }
  if (error.expected) {
    return reply.code(error.statusCode).headers(error.headers).send(body(request, error.code, error.message))
  }
  if (error.validation) {
    const [{ instancePath, message }] = error.validation
    const name = instancePath.slice(1) || error.validationContext
    return reply.code(400).send(body(request, 'INVALID_PARAMETER', `${name} ${message}.`))
  }
  if (error.statusCode >= 400 && error.statusCode < 500) {
    return reply.code(error.statusCode).send(body(request, 'BAD_REQUEST', 'The request is malformed.'))
  }
  request.log.error(error)
  return reply.code(500).send(body(request, 'INTERNAL_ERROR', 'The server could not process the request.'))
}

const READ_ONLY = /^\/api-v1\/(clinician-profiles(\/[^/?]+)?|locations)(\?|$)/

// Nothing has this path, or nothing has this method there.
export function onNoRoute(request, reply) {
  if (request.method !== 'GET' && request.method !== 'HEAD' && READ_ONLY.test(request.url)) {
    return reply
      .code(405)
      .header('Allow', 'GET, HEAD')
      .send(body(request, 'METHOD_NOT_ALLOWED', 'This resource is read-only.'))
  }
  return reply.code(404).send(body(request, 'NOT_FOUND', 'There is no such resource.'))
}
