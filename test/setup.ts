// Loaded before each test file: Nest's packages form a cycle that jest's ESM linker refuses when a CommonJS module
// asks for one of them first ("require() ES Module in a cycle").
import 'reflect-metadata';
import '@nestjs/common';
import '@nestjs/core';
