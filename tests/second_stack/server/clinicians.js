import { asOrganization, pool } from './database.js'
import { notFound } from './errors.js'
import { faulty, settings } from './settings.js'

const MEMBERS = [
  'id', 'name', 'display_name', 'first_name', 'last_name', 'title', 'role', 'email', 'bio',
  'photo_url', 'qualifications', 'registration_number', 'professional_registration_body',
  'is_active', 'is_bookable_online', 'created_at', 'updated_at',
]
const COLUMNS = MEMBERS.map((member) => `c.${member}`).join(', ')
const UUID = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'

const strict = {
  limit: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
  offset: { type: 'integer', minimum: 0, maximum: 2147483647, default: 0 },
  is_active: { type: 'boolean' },
  is_bookable_online: { type: 'boolean' },
  location_id: faulty('uuid-format') ? { type: 'string', format: 'uuid' } : { type: 'string', pattern: UUID },
  // PostgreSQL has no NUL in texts.
  search: { type: 'string', maxLength: 200, pattern: '^[^\\u0000]*$' },
}
if (faulty('parse-int') || faulty('nan-offset')) {
  strict.limit = strict.offset = { type: 'string' }
}
if (faulty('offset-is-text')) strict.offset = { type: 'string', pattern: '^[0-9]{1,9}$', default: '0' }

export const listQuery = { type: 'object', properties: strict }

function conditions(query, value) {
  const found = []
  if (faulty('truthy-filter') ? query.is_active : query.is_active !== undefined) {
    found.push(`c.is_active = ${value(query.is_active)}`)
  }
  if (query.is_bookable_online !== undefined) {
    found.push(`c.is_bookable_online = ${value(query.is_bookable_online)}`)
  }
  if (query.location_id !== undefined && !faulty('joined-locations')) {
    found.push(
      `EXISTS (SELECT FROM clinician_locations l WHERE l.clinician_id = c.id AND l.location_id = ${value(query.location_id)})`,
    )
  }
  const term = query.search?.trim()
  if (term) found.push(searchCondition(term, value))
  return found
}

function searchCondition(term, value) {
  if (faulty('ilike-unescaped')) {
    const like = value(`%${term}%`)
    return `(c.name ILIKE ${like} OR c.display_name ILIKE ${like} OR c.email ILIKE ${like})`
  }
  const config = value(settings.searchConfig)
  const parser = faulty('raw-tsquery') ? 'to_tsquery' : settings.searchParser
  return `c.document @@ ${parser}(${config}::regconfig, ${value(term)})`
}

function orderBy() {
  if (faulty('tied-order')) return 'c.last_name'
  return 'c.last_name, c.first_name, c.id'
}

function numbers(query) {
  if (faulty('parse-int')) {
    const limit = parseInt(query.limit ?? '20', 10) || 20
    return { limit: Math.min(Math.max(limit, 1), 100), offset: Math.max(parseInt(query.offset, 10) || 0, 0) }
  }
  if (faulty('nan-offset')) {
    return {
      limit: Math.min(Math.max(Number(query.limit ?? 20) | 0, 1), 100),
      offset: Math.max(Number(query.offset ?? 0), 0),
    }
  }
  return query
}

export async function listClinicians(request) {
  const query = request.query
  const { limit, offset } = numbers(query)
  const values = []
  const value = (item) => `$${values.push(item)}`
  const where = conditions(query, value)
  let from = 'clinicians c'
  if (faulty('joined-locations')) {
    from += ' LEFT JOIN clinician_locations l ON l.clinician_id = c.id'
    if (query.location_id !== undefined) where.push(`l.location_id = ${value(query.location_id)}`)
  }
  const filter = where.length ? `WHERE ${where.join(' AND ')}` : ''
  const text = `SELECT ${COLUMNS} FROM ${from} ${filter} ORDER BY ${orderBy()} LIMIT ${value(limit + 1)} OFFSET ${value(offset)}`
  const { rows, total } = await asOrganization(request.organizationId, async (client) => {
    const found = await client.query(text, values)
    if (!faulty('count-without-filter')) return found
    const counted = await client.query('SELECT count(*)::int AS total FROM clinicians')
    return { rows: found.rows, total: counted.rows[0].total }
  })
  const page = rows.slice(0, limit)
  const more = moreFollow(rows.length, limit, offset, total)
  return {
    data: page,
    meta: {
      request_id: request.id,
      limit,
      has_more: more,
      next_offset: more ? Number(offset + page.length) : null,
    },
  }
}

function moreFollow(found, limit, offset, total) {
  if (faulty('count-without-filter')) return offset + Math.min(found, limit) < total
  if (faulty('full-page-is-more')) return found >= limit
  return found > limit
}

export async function getClinician(request) {
  const { id } = request.params
  if (!new RegExp(UUID).test(id)) throw notFound()
  const text = `SELECT ${COLUMNS} FROM clinicians c WHERE c.id = $1`
  const { rows } = faulty('tenant-kept-on-connection')
    ? await pool.query(text, [id])
    : await asOrganization(request.organizationId, (client) => client.query(text, [id]))
  if (rows.length === 0) throw notFound()
  return { data: rows[0], meta: { request_id: request.id } }
}

export async function listLocations(request) {
  const { limit, offset } = request.query
  const text = 'SELECT id, name FROM locations ORDER BY name, id LIMIT $1 OFFSET $2'
  const { rows } = await asOrganization(request.organizationId, (client) => client.query(text, [limit + 1, offset]))
  const more = rows.length > limit
  return {
    data: rows.slice(0, limit),
    meta: { request_id: request.id, limit, has_more: more, next_offset: more ? offset + limit : null },
  }
}

export const locationsQuery = {
  type: 'object',
  properties: {
    limit: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
    offset: { type: 'integer', minimum: 0, maximum: 2147483647, default: 0 },
  },
}
