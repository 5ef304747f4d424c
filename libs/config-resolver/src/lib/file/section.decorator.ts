import { applyDecorators, type Type as Class } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsObject, ValidateIf, ValidateNested } from 'class-validator';

/** The property may be left out. An explicit null may not: in YAML that is a key whose value was forgotten. */
export const Optional = (): PropertyDecorator => ValidateIf((_object, value) => value !== undefined);

/** The property is a mapping of the class's fields. */
export const Section = (section: Class<object>): PropertyDecorator =>
  applyDecorators(
    Type(() => section),
    IsObject({ message: '$property must be a mapping' }),
    ValidateNested({ message: '$property must be a mapping' }),
  );
