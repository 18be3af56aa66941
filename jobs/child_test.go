package jobs

const workerMode = "JOBS_TEST_WORKER"

func workAsChild() {}
