import { Controller, Get } from '@nestjs/common';
import type { OpenApiDocument } from '../openapi/specification.js';
import { document } from './document.js';

/** What there is on this port. */
@Controller('ops')
export class DocumentController {
  @Get('openapi.json')
  openapi(): OpenApiDocument {
    return document;
  }
}
