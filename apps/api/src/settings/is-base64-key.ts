import { ValidateBy, type ValidationOptions } from 'class-validator';

/** Accepts the base64 text of exactly `bytes` bytes. */
export function IsBase64Key(bytes: number, options?: ValidationOptions): PropertyDecorator {
  return ValidateBy(
    {
      name: 'isBase64Key',
      validator: {
        validate: (value: unknown) =>
          typeof value === 'string' &&
          /^[A-Za-z0-9+/]+={0,2}$/.test(value) &&
          Buffer.from(value, 'base64').length === bytes,
      },
    },
    options,
  );
}
