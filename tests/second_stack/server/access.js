import { createHash } from 'node:crypto'
import { pool } from './database.js'
import { ApiError } from './errors.js'
import { faulty, settings } from './settings.js'

const unauthorized = () =>
  new ApiError(401, 'UNAUTHORIZED', 'A valid API key is required.', { 'WWW-Authenticate': 'Bearer' })

const BY_HASH = 'SELECT organization_id FROM api_keys WHERE key_hash = $1 AND revoked_at IS NULL'

// onRequest: sets request.organizationId, or refuses the request.
export async function authenticate(request, reply) {
  const key = /^Bearer ([\x21-\x7e]+)$/i.exec(request.headers.authorization ?? '')?.[1]
  if (!key) throw unauthorized()
  const hash = createHash('sha256').update(key).digest()
  const { rows } = await (await connectionFor(reply)).query(BY_HASH, [hash])
  if (rows.length === 0) throw unauthorized()
  request.keyHash = hash.toString('hex')
  request.organizationId = rows[0].organization_id
}

// Fault: a request keeps this connection and takes another one for its data, so that requests at the
// same time wait for each other.
async function connectionFor(reply) {
  if (!faulty('nested-checkout')) return pool
  const client = await pool.connect()
  reply.raw.once('close', () => client.release())
  return client
}

const used = new Map()
let hour = 0

// onRequest: counts the requests of a key in the hour of the clock.
export async function limitRate(request, reply) {
  const now = Date.now()
  if (Math.floor(now / 3_600_000) !== hour) {
    hour = Math.floor(now / 3_600_000)
    used.clear()
  }
  const count = (used.get(request.keyHash) ?? 0) + 1
  used.set(request.keyHash, count)
  reply.header('X-RateLimit-Limit', settings.requestsPerHour)
  reply.header('X-RateLimit-Remaining', Math.max(0, settings.requestsPerHour - count))
  reply.header('X-RateLimit-Reset', (hour + 1) * 3600)
  if (count > settings.requestsPerHour) {
    const wait = Math.ceil((hour + 1) * 3600 - now / 1000)
    throw new ApiError(429, 'RATE_LIMITED', 'Too many requests in this hour.', { 'Retry-After': wait })
  }
}
