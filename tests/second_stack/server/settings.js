// Everything that the environment decides. STACK_FAULT names one deliberate fault; empty for none.
const fault = process.env.STACK_FAULT ?? ''

export const settings = {
  port: Number(process.env.PORT ?? 3000),
  poolSize: Number(process.env.POOL_SIZE ?? 4),
  poolTimeout: Number(process.env.POOL_TIMEOUT ?? 2000),
  requestsPerHour: Number(process.env.REQUESTS_PER_HOUR ?? 1000),
  searchConfig: process.env.SEARCH_CONFIG ?? 'simple',
  // websearch_to_tsquery reads OR, quotes and a minus; the contract leaves that open.
  searchParser: process.env.SEARCH_PARSER === 'websearch' ? 'websearch_to_tsquery' : 'plainto_tsquery',
}

export const faulty = (name) => fault === name
