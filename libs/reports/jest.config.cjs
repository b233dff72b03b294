module.exports = require('../../jest.preset.cjs')('reports');
