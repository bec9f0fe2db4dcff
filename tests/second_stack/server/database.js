import pg from 'pg'
import { faulty, settings } from './settings.js'

// Host, port, user, password and database come from the PG* variables.
export const pool = new pg.Pool({ max: settings.poolSize, connectionTimeoutMillis: settings.poolTimeout })
pool.on('error', (error) => console.error('idle connection:', error.message))

// Runs work in a transaction that sees the rows of one organisation only.
export async function asOrganization(organizationId, work) {
  if (faulty('tenant-on-another-connection')) return onAnyConnection(organizationId, work)
  const client = await pool.connect()
  try {
    await client.query('BEGIN READ ONLY')
    // set_config(..., true) is SET LOCAL with a parameter: it ends with the transaction.
    await client.query("SELECT set_config('app.organization_id', $1, $2)", [
      organizationId,
      !faulty('tenant-kept-on-connection'),
    ])
    const result = await work(client)
    await client.query('COMMIT')
    return result
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    throw error
  } finally {
    client.release()
  }
}

// Fault: the pool may give each query another connection, on which another request set the tenant.
async function onAnyConnection(organizationId, work) {
  await pool.query("SELECT set_config('app.organization_id', $1, false)", [organizationId])
  return work(pool)
}
