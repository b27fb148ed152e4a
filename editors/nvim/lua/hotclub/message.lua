---What the plugin has to say to a person: one line at a time, so that Neovim never waits for Enter.
local M = {}

local levels = vim.log.levels

---@param text string
---@return string
local function line(text)
  return (vim.trim(text):gsub('%s*\n%s*', ' · '))
end

---@param text string
---@param level integer
local function say(text, level)
  vim.schedule(function()
    vim.notify('hotclub: ' .. line(text), level)
  end)
end

---@param text string
function M.info(text)
  say(text, levels.INFO)
end

---@param text string
function M.warn(text)
  say(text, levels.WARN)
end

---@param text string
function M.fail(text)
  say(text, levels.ERROR)
end

---Shows a line in the command line that the next one replaces, and that no history keeps.
---@param text string
---@param highlight? string
function M.flash(text, highlight)
  text = line(text)
  local room = vim.o.columns - 14 -- what 'ruler' and 'showcmd' need; a longer line would scroll
  if vim.fn.strdisplaywidth(text) > room then
    text = vim.fn.strcharpart(text, 0, room - 1) .. '…'
  end
  vim.api.nvim_echo({ { text, highlight } }, false, {})
end

return M
