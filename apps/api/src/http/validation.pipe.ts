import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { PipelineError } from '@pipelines/pipeline';

/** Refuses unknown fields and wrong shapes, naming each field and what is wrong with it. */
export const validationPipe = new ValidationPipe({
  transform: true,
  whitelist: true,
  forbidNonWhitelisted: true,
  exceptionFactory: (errors) => {
    const problems = errors.flatMap((error) => problemsOf(error, ''));
    return new PipelineError('validation_failed', problems.map(({ message }) => message).join(' '), {
      facts: { problems },
    });
  },
});

function problemsOf(error: ValidationError, parent: string): { field: string; message: string }[] {
  const field = parent + error.property;
  const own = Object.values(error.constraints ?? {}).map((message) => ({
    field,
    message: `${parent}${message}.`,
  }));
  return [...own, ...(error.children ?? []).flatMap((child) => problemsOf(child, `${field}.`))];
}
