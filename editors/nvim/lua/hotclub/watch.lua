---Files whose tests run at every save that can have changed them.
local client = require('hotclub.client')
local message = require('hotclub.message')
local trust = require('hotclub.trust')

local M = {}

local watched = {} ---@type table<string, true> by URI

---@param uri string
---@return boolean
function M.has(uri)
  return watched[uri] or false
end

---@param server vim.lsp.Client
---@param uri string
---@param on boolean
---@param done? fun()
local function ask(server, uri, on, done)
  client.request_of(server, on and 'hotclub/watch' or 'hotclub/unwatch', { uri = uri }, function(err, answer)
    if err then
      return message.fail(('%s is not watched: %s'):format(vim.uri_to_fname(uri), err.message))
    end
    watched[uri] = vim.tbl_contains(answer.uris, uri) or nil
    if done then
      done()
    end
  end)
end

---Watches the file of a buffer, or watches it no more.
---@param bufnr integer
function M.toggle(bufnr)
  local server, uri = client.get(bufnr), vim.uri_from_bufnr(bufnr)
  if not server then
    return message.fail(client.why_not(bufnr))
  end
  trust.ask(client.folder(server), function()
    ask(server, uri, not watched[uri], function()
      local name = vim.fn.fnamemodify(vim.uri_to_fname(uri), ':.')
      message.flash(
        watched[uri] and ('hotclub: %s is watched: a save runs its tests'):format(name)
          or ('hotclub: %s is not watched any more'):format(name)
      )
      vim.cmd.redrawstatus({ bang = true })
    end)
  end)
end

-- A server that was started again does not know what the one before it watched.
client.on('attached', function(bufnr, context)
  local server, uri = vim.lsp.get_client_by_id(context.client_id), vim.uri_from_bufnr(bufnr)
  if server and watched[uri] then
    ask(server, uri, true)
  end
end)

return M
