import type { FastifyInstance } from 'fastify';

type ErrorType = 'invalid_request_error' | 'authentication_error' | 'permission_error' | 'not_found_error';

const STATUSES: Readonly<Record<ErrorType, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  permission_error: 403,
  not_found_error: 404,
};

/** An answer other than 200, in the provider's shape. */
export class AnthropicRefusal extends Error {
  constructor(
    private readonly type: ErrorType,
    message: string,
  ) {
    super(message);
  }

  get status(): number {
    return STATUSES[this.type];
  }

  get body(): object {
    return {
      type: 'error',
      error: { type: this.type, message: this.message },
      request_id: 'req_sandbox',
    };
  }
}

/** Lets the API answer refusals as the provider does. */
export function answerRefusals(api: FastifyInstance): void {
  api.setErrorHandler(async (error, _request, reply) => {
    if (!(error instanceof AnthropicRefusal)) throw error;
    return reply.header('request-id', 'req_sandbox').status(error.status).send(error.body);
  });
}
