---Which sign stands beside a test.
local config = require('hotclub.config')

local M = {}

---@type table<string, hotclub.Sign>
M.defaults = {
  queued = { text = '·', highlight = 'HotclubRunning' },
  started = { text = '▸', highlight = 'HotclubRunning' },
  passed = { text = '✔', highlight = 'HotclubPassed' },
  failed = { text = '✘', highlight = 'HotclubFailed' },
  errored = { text = '✘', highlight = 'HotclubFailed' },
  skipped = { text = '○', highlight = 'HotclubSkipped' },
  xfailed = { text = '✔', highlight = 'HotclubSkipped' },
  xpassed = { text = '✘', highlight = 'HotclubFailed' },
  cancelled = { text = '–', highlight = 'HotclubSkipped' },
  notRun = { text = '–', highlight = 'HotclubSkipped' },
}

---@param state hotclub.State
---@return hotclub.Sign? none if signs are off
function M.of(state)
  local signs = config.get().signs
  if not signs then
    return nil
  end
  return type(signs) == 'table' and signs[state] or M.defaults[state]
end

---A colour scheme may define these groups; otherwise they look like diagnostics do.
function M.define_highlights()
  for group, link in pairs({
    HotclubPassed = 'DiagnosticOk',
    HotclubFailed = 'DiagnosticError',
    HotclubSkipped = 'DiagnosticHint',
    HotclubRunning = 'DiagnosticInfo',
    HotclubStale = 'Comment',
    HotclubCovered = 'DiagnosticOk',
    HotclubMissed = 'DiagnosticWarn',
  }) do
    vim.api.nvim_set_hl(0, group, { link = link, default = true })
  end
end

return M
