/** An answer other than 200, in the shape of Google's APIs. */
export class GoogleRefusal extends Error {
  constructor(
    readonly httpStatus: number,
    readonly status: string,
    message: string,
  ) {
    super(message);
  }

  get body(): object {
    const { httpStatus: code, message, status } = this;
    return { error: { code, message, status } };
  }
}
