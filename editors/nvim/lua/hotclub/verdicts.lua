---The last verdict of each test that is known of, by file. Whoever shows them listens to `on_change`.
local M = {}

---@class hotclub.Result: hotclub.Verdict
---@field id string
---@field label string
---@field line? integer of the test, from 1, as it was on the disk
---@field stale? boolean the test's text has changed since

local by_file = {} ---@type table<string, table<string, hotclub.Result>>
local file_of = {} ---@type table<string, string> by id
local listeners = {} ---@type fun(file: string, ids: string[])[]

---Calls a function when verdicts of a file have changed.
---@param listener fun(file: string, ids: string[])
function M.on_change(listener)
  table.insert(listeners, listener)
end

local function changed(file, ids)
  for _, listener in ipairs(listeners) do
    listener(file, ids)
  end
end

---@param file string absolute path
---@return table<string, hotclub.Result> by id
function M.of(file)
  return by_file[file] or {}
end

---@param id string
---@return hotclub.Result?
function M.get(id)
  return file_of[id] and by_file[file_of[id]][id]
end

---@param file string
---@param result hotclub.Result
local function keep(file, result)
  by_file[file] = by_file[file] or {}
  by_file[file][result.id] = result
  file_of[result.id] = file
end

---Takes a verdict, or that a test is on its way to one.
---@param test hotclub.Test
---@param verdict hotclub.Verdict
function M.put(test, verdict)
  if not test.file then
    return
  end
  keep(test.file, vim.tbl_extend('force', verdict, { id = test.id, label = test.label, line = test.line }))
  changed(test.file, { test.id })
end

---Says that tests are on their way.
---@param tests hotclub.Test[]
function M.queue(tests)
  local ids = {} ---@type table<string, string[]> by file
  for _, test in ipairs(tests) do
    if test.file then
      keep(test.file, { state = 'queued', id = test.id, label = test.label, line = test.line })
      ids[test.file] = ids[test.file] or {}
      table.insert(ids[test.file], test.id)
    end
  end
  for file, each in pairs(ids) do
    changed(file, each)
  end
end

---Says that a test is on its way; its last verdict is shown as that no more.
---@param id string
---@param state hotclub.State
function M.advance(id, state)
  local file = file_of[id]
  if file then
    by_file[file][id].state = state
    changed(file, { id })
  end
end

---Takes all that is known of a file. What is on its way stays so.
---@param file string
---@param results hotclub.Result[]
function M.replace(file, results)
  local before = by_file[file] or {}
  local ids = vim.tbl_keys(before)
  by_file[file] = {}
  for id in pairs(before) do
    file_of[id] = nil
  end
  for _, result in ipairs(results) do
    local old = before[result.id]
    result.line = old and old.line
    if old and (old.state == 'queued' or old.state == 'started') then
      result = old
    end
    keep(file, result)
    table.insert(ids, result.id)
  end
  for id, old in pairs(before) do
    if not by_file[file][id] and (old.state == 'queued' or old.state == 'started') then
      keep(file, old)
    end
  end
  changed(file, ids)
end

---Forgets all verdicts, in this editor.
function M.clear()
  local files = by_file
  by_file, file_of = {}, {}
  for file, results in pairs(files) do
    changed(file, vim.tbl_keys(results))
  end
end

return M
