// Clinician profiles on Fastify and PostgreSQL. Row-level security keeps organisations apart.
import { randomUUID } from 'node:crypto'
import Fastify from 'fastify'
import { authenticate, limitRate } from './access.js'
import { getClinician, listClinicians, listLocations, listQuery, locationsQuery } from './clinicians.js'
import { pool } from './database.js'
import { onError, onNoRoute } from './errors.js'
import { faulty, settings } from './settings.js'

const app = Fastify({
  logger: { level: 'error' },
  genReqId: () => `req_${randomUUID()}`,
  frameworkErrors: onError,
  routerOptions: { maxParamLength: 500 },
  // Ajv makes a number of the text Infinity, and with strictNumbers compares it with no maximum.
  ajv: { customOptions: { strictNumbers: faulty('infinite-limit') } },
})

app.addHook('onRequest', async (request, reply) => {
  reply.header('X-Request-Id', request.id)
})
app.setErrorHandler(onError)
app.setNotFoundHandler(onNoRoute)

app.register(
  async (api) => {
    api.addHook('onRequest', authenticate)
    api.addHook('onRequest', limitRate)
    api.get('/clinician-profiles', { schema: { querystring: listQuery } }, listClinicians)
    api.get('/clinician-profiles/:id', getClinician)
    api.get('/locations', { schema: { querystring: locationsQuery } }, listLocations)
  },
  { prefix: '/api-v1' },
)

await app.listen({ host: '127.0.0.1', port: settings.port })

process.on('SIGTERM', async () => {
  await app.close()
  await pool.end()
})
