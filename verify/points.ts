/** What the systems' own checklists ask to be looked at after a deployment, and the conditions that their pages tell to look for. */
export const POINTS = {
  "plinko-1": "Namespace created",
  "plinko-2": "PVC bound",
  "plinko-3": "eth-mock running (1/1 pods)",
  "plinko-4": "db-generator job completed",
  "plinko-5": "hint-generator job completed",
  "plinko-6": "update-service running (1/1 pods)",
  "plinko-7": "pir-server running (2+ pods)",
  "plinko-8": "cdn-mock running (2+ pods)",
  "plinko-9": "rabby-wallet running (2+ pods)",
  "plinko-10": "All services have ClusterIP",
  "plinko-11": "Ingress has LoadBalancer IP",
  "plinko-12": "Data files exist (database.bin, hint.bin, deltas/)",
  "plinko-13": "PIR server health check passes",
  "plinko-14": "CDN health check passes",
  "plinko-15": "Wallet accessible via ingress",
  "starter-1": "SecretStore or ClusterSecretStore is configured and healthy",
  "starter-2": "DATABASE_URL and REDIS_URL secrets are present",
  "starter-3": "Ingress and TLS are configured and reachable",
  "starter-4": "Migrations ran successfully",
  "starter-5": "Health checks are green for API and web",
  "dotdo-1": "Check pod status",
  "dotdo-2": "Check HPA status",
  "dotdo-3": "Secret dotdo-secrets is there",
  "fluxiondb-1": "Pod not starting: the secret key is provided",
  "fluxiondb-2": "Out of memory",
  "fluxiondb-3": "Storage issues: PVC status",
} as const;

/** A point of a system's checklist: the system, and its number there. */
export type Point = keyof typeof POINTS;
